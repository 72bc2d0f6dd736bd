version 1.1

struct Thing {
  String n
}
