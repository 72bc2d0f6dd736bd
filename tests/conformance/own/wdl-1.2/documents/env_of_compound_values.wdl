version 1.2

task t {
    input {
        env Array[Int] numbers = [1, 2]
        env Map[String, Float] named = {"a b": 1.5}
    }

    env Pair[Boolean, String?] both = (true, None)

    command <<<
        printf '%s\n' "$numbers" "$named" "$both"
    >>>

    output {
        Array[String] out = read_lines(stdout())
    }
}
