version 1.0

struct Person {
  String name
}
