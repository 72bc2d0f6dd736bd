version 1.1

task known {
  input {
    Int lost = 3 +
  }
  command <<<>>>
}

tsk lost {
}
