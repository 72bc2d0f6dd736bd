version 1.0

workflow w {
  input {
    File? f
  }
  output {
    Float a = size("data/ten.txt")
    Float b = size(["data/ten.txt", "data/ten.txt"], "KB")
    Float c = size(f)
    Float d = size([f, f])
  }
}
