version 1.0

struct Person {
  String name
  Int? age
}

workflow w {
  Person ada = object { "name": "Ada", 'age': 36, }
  Array[Person] others = [object { 'name': "Bob" }]
}
