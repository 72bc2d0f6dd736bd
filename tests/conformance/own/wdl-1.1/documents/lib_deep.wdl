version 1.1

struct Deep {
  Int n
}
