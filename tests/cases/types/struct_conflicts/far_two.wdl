version 1.1

struct OnlyTransitive {
  Int b
}
