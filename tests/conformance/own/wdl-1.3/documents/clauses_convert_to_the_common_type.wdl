version 1.3

task number {
    input {
        Int n
    }

    command <<<>>>

    output {
        Int value = n
        String text = "~{n}"
    }
}

task half {
    input {
        Int n
    }

    command <<<>>>

    output {
        Float value = n / 2.0
    }
}

workflow w {
    input {
        Int wanted = 2
    }

    scatter (i in [1, 2, 3]) {
        if (i == wanted) {
            Int x = i
            Array[Int] xs = [i]
            String inside = "~{x}"
        } else if (i == 3) {
            Float x = 0.5
            Array[Float] xs = [x]
        } else {
            if (true) {
                Int x = 10
            } else {
                Int x = 20
            }
            Array[Float] xs = []
        }
        String text = "~{x}"
    }

    if (wanted == 2) {
        call number { n = 3 }
    } else {
        call half as number { n = 3 }
    }
    String called = "~{number.value}"

    output {
        Array[String] a = text
        Array[String?] b = inside
        String c = "~{sep=',' flatten(xs)}"
        String d = called
        String? e = number.text
    }
}
