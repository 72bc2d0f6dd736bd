version 1.1

struct Attributes {
  Int n
}
