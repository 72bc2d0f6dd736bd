"""The tree: lexer, parser, nodes, and what each WDL version allows."""
