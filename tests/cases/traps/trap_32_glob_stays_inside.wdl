version 1.2

task t {
  command <<< touch ../beside >>>
  output { Array[File] all = glob("../beside") }
}
