version 1.1
workflow a {
  scatter (i in [1]) {
    if (true) {
      Int x = 1
