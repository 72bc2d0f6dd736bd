version 1.0


workflow w {
  input {  }

  output {
    Array[Int] quotients = [7 / 2, -7 / 2, 7 / -2, -7 / -2]
    Array[Int] remainders = [7 % 2, -7 % 2, 7 % -2, -7 % -2]
    Array[Int] extremes = [9223372036854775807, -9223372036854775808, 0x7FFFFFFFFFFFFFFF]
    Boolean exact = 9007199254740993 == 9007199254740992.0
  }
}
