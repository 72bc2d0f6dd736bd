version 1.3

enum A { X }
enum B { X }

workflow w { output { Boolean b = A.X == B.X } }
