version 1.1

Int outside = 1

struct S {
}

// a comment

struct T {
}

def f():

struct U {
}

Task t {
}

struct V {
}

call t
