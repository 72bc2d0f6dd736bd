version 1.3

enum Level {
    low,
    high
}

struct Range {
    Int first
}

task t {
    input {
        env String text
        env File? file
        env Level level
        env Array[Int] numbers
        env Range? range
    }

    env Map[String, Int] map = {}
    env Float number = 1
    Array[Int] unmarked = []

    command <<<>>>
}
