version development
enum Color { Red }
