version 1.2

workflow w {
  output {
    String a = <<<
          first
            second "quoted" 'too'
    
          third\tx
        >>>
    String b = <<<one line>>>
    String c = <<<
    
          blank lines stay
    
        >>>
  }
}
