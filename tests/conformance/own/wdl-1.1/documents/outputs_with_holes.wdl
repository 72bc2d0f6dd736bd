version 1.1

struct Result {
  File? maybe
  Int n
}

task t {
  command <<<
    echo x > b.txt
  >>>
  output {
    Array[File?] files = ["a.txt", "b.txt", "c.txt"]
    Result result = Result { maybe: "a.txt", n: 1 }
    Map[String, File?] map = { "a": "a.txt", "b": "b.txt" }
  }
}
