version 1.2

# members double from struct to struct
struct D0 { D1 a D1 b }
struct D1 { D2 a D2 b }
struct D2 { D3 a D3 b }
struct D3 { D4 a D4 b }
struct D4 { D5 a D5 b }
struct D5 { D6 a D6 b }
struct D6 { D7 a D7 b }
struct D7 { D8 a D8 b }
struct D8 { D9 a D9 b }
struct D9 { D10 a D10 b }
struct D10 { D11 a D11 b }
struct D11 { D12 a D12 b }
struct D12 { D13 a D13 b }
struct D13 { D14 a D14 b }
struct D14 { Int a }

# each holds one defined below
struct C0 { C1 next }
struct C1 { C2 next }
struct C2 { C3 next }
struct C3 { C4 next }
struct C4 { C5 next }
struct C5 { C6 next }
struct C6 { C7 next }
struct C7 { C8 next }
struct C8 { C9 next }
struct C9 { C10 next }
struct C10 { C11 next }
struct C11 { C12 next }
struct C12 { C13 next }
struct C13 { C14 next }
struct C14 { C15 next }
struct C15 { C16 next }
struct C16 { C17 next }
struct C17 { C18 next }
struct C18 { C19 next }
struct C19 { C20 next }
struct C20 { C21 next }
struct C21 { C22 next }
struct C22 { C23 next }
struct C23 { C24 next }
struct C24 { C25 next }
struct C25 { C26 next }
struct C26 { C27 next }
struct C27 { C28 next }
struct C28 { C29 next }
struct C29 { C30 next }
struct C30 { C31 next }
struct C31 { C32 next }
struct C32 { C33 next }
struct C33 { C34 next }
struct C34 { C35 next }
struct C35 { C36 next }
struct C36 { C37 next }
struct C37 { C38 next }
struct C38 { C39 next }
struct C39 { C40 next }
struct C40 { C41 next }
struct C41 { C42 next }
struct C42 { C43 next }
struct C43 { C44 next }
struct C44 { C45 next }
struct C45 { C46 next }
struct C46 { C47 next }
struct C47 { C48 next }
struct C48 { C49 next }
struct C49 { C50 next }
struct C50 { C51 next }
struct C51 { C52 next }
struct C52 { C53 next }
struct C53 { C54 next }
struct C54 { C55 next }
struct C55 { C56 next }
struct C56 { C57 next }
struct C57 { C58 next }
struct C58 { C59 next }
struct C59 { C60 next }
struct C60 { Int a }

# each holds one defined above
struct B0 { Int a }
struct B1 { B0 next }
struct B2 { B1 next }
struct B3 { B2 next }
struct B4 { B3 next }
struct B5 { B4 next }
struct B6 { B5 next }
struct B7 { B6 next }
struct B8 { B7 next }
struct B9 { B8 next }
struct B10 { B9 next }
struct B11 { B10 next }
struct B12 { B11 next }
struct B13 { B12 next }
struct B14 { B13 next }
struct B15 { B14 next }
struct B16 { B15 next }
struct B17 { B16 next }
struct B18 { B17 next }
struct B19 { B18 next }
struct B20 { B19 next }
struct B21 { B20 next }
struct B22 { B21 next }
struct B23 { B22 next }
struct B24 { B23 next }
struct B25 { B24 next }
struct B26 { B25 next }
struct B27 { B26 next }
struct B28 { B27 next }
struct B29 { B28 next }
struct B30 { B29 next }
struct B31 { B30 next }
struct B32 { B31 next }
struct B33 { B32 next }
struct B34 { B33 next }
struct B35 { B34 next }
struct B36 { B35 next }
struct B37 { B36 next }
struct B38 { B37 next }
struct B39 { B38 next }
struct B40 { B39 next }
struct B41 { B40 next }
struct B42 { B41 next }
struct B43 { B42 next }
struct B44 { B43 next }
struct B45 { B44 next }
struct B46 { B45 next }
struct B47 { B46 next }
struct B48 { B47 next }
struct B49 { B48 next }
struct B50 { B49 next }
struct B51 { B50 next }
struct B52 { B51 next }
