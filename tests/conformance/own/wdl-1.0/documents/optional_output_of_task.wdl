version 1.0

task t {
  command {
    echo x > there.txt
  }
  output {
    File? there = "there.txt"
    File? gone = "gone.txt"
    Array[File?] both = ["gone.txt", "there.txt"]
    Array[File] found = glob("*.txt")
  }
}
