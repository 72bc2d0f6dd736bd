version 1.1

struct Later {
  Earlier e
}

struct Earlier {
  Int x
  String? note
}

struct Loop {
  Array[Round] rounds
}

struct Round {
  Map[String, Loop?] loops
}

struct BadKey {
  Map[Array[Int], Int] a
  Map[String?, Int] b
}

workflow structs {
  Earlier good = Earlier { x: 1 }
  Later nested = Later { e: good }
  Later from_map = { "e": { "x": 1 } }
  Later from_object = object { e: object { x: 1, note: "y" } }
  Earlier missing = Earlier { note: "n" }
  Earlier unknown = Earlier { x: 1, z: 2 }
  Earlier twice = Earlier { x: 1, x: 2 }
  Earlier ill_typed = Earlier { x: [1] }
  Earlier map_missing = { "note": "n" }
  Earlier object_unknown = object { x: 1, yy: 2 }
  Erlier misspelt = Erlier { x: 1 }
  String text = "~{good}"
}
