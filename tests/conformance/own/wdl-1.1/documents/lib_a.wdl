version 1.1

struct Thing {
  Int n
}
