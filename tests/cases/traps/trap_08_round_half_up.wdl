version 1.0


workflow w {
  input {  }

  output {
    Array[Int] rounded = [round(0.5), round(1.5), round(2.5), round(-0.5), round(-1.5), round(-2.5), round(-2.6), round(0.49999999999999994)]
  }
}
