"""Bodies of scatters and conditionals without calls, as one Python function each.

In: a `Scatter` or `If` of a typed workflow. Out: a function of a scope and a context that gives what the statement
exports, by name. Names of the body are Python variables, so an iteration makes no scope and no call; a scatter is a
`for` loop that appends to one list per export. When an item fails, the length of such a list says which one it was.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from pysprocket.syntax import nodes
from pysprocket.types.references import references
from pysprocket.types.scope import order
from pysprocket.types.typed import TypedWorkflow
from pysprocket.values import python
from pysprocket.values.coerce import Converter, converter
from pysprocket.values.translate import Translator

_FUNCTION = "block"
_LONG_CHAIN = 20  # clauses of an `if`
_DEEPEST = 20  # loops within loops; Python allows no more


class Loop(msgspec.Struct, frozen=True, eq=False):
    """Where the items of a scatter are in a running block.

    Attributes:
        start: offset in the text where its body begins.
        end: offset where it ends.
        name: of the scatter's variable in WDL.
        variable: its name in Python.
        gathered: the Python name of a list that grows by one with each item that is done.
    """

    start: int
    end: int
    name: str
    variable: str
    gathered: str


class BlockTranslator(Translator):
    """Translates statements; `loops` are the scatters so far, outer before inner, `depth` counts those around.

    Args:
        mentions: how often each name is mentioned in the whole workflow, so that what nobody outside of a scatter
            mentions is not gathered; None gathers all.
    """

    def __init__(self, workflow: TypedWorkflow, mentions: Counter[str] | None = None) -> None:
        super().__init__(workflow.document)
        self.workflow = workflow
        self.mentions = mentions
        self.depth = 0
        self.loops: list[Loop] = []
        self.namespace["__wdl_loops__"] = self.loops

    def block(self, statement: nodes.Scatter | nodes.If) -> Any:
        """The compiled function of a statement."""
        body = self._statement(statement)
        exports = {name: python.name(self.variables[name]) for name in self._exports(statement)}
        body.append(self.placed(ast.Return(python.members(exports)), statement))
        module = ast.parse(f"def {_FUNCTION}({python.SCOPE}, {python.CONTEXT}): pass")
        assert isinstance(module.body[0], ast.FunctionDef)
        module.body[0].body = body
        exec(python.compiled(module, self.document.source.name, "exec"), self.namespace)  # noqa: S102 - the tree made here
        return self.namespace[_FUNCTION]

    def _exports(self, node: nodes.Scatter | nodes.If) -> list[str]:
        """The names to hand out. At least one, so that its list says how many items of a scatter are done."""
        names = list(self.workflow.exports[node])
        if self.mentions is None:
            return names
        inside = Counter(mentioned(node))
        return [name for name in names if self.mentions[name] > inside[name]] or names[:1]

    def _statement(self, node: nodes.Statement) -> list[ast.stmt]:
        match node:
            case nodes.Declaration():
                return [self._declaration(node)]
            case nodes.Scatter():
                return self._scatter(node)
            case nodes.If():
                return self._if(node)
            case _:
                raise ValueError("a block has no calls")

    def _declaration(self, node: nodes.Declaration) -> ast.stmt:
        assert node.expression is not None
        value = self.code(node.expression, self.document.declared[node])
        return self.placed(self._assign(node.name.name, value), node.expression)

    def _assign(self, name: str, value: ast.expr) -> ast.stmt:
        return ast.Assign([ast.Name(self._variable(name), ast.Store())], value)

    def _variable(self, name: str) -> str:
        return self.variables.setdefault(name, f"v_{name}")

    def _body(self, statements: Sequence[nodes.Statement]) -> list[ast.stmt]:
        return [line for statement in in_order(statements) for line in self._statement(statement)] or [ast.Pass()]

    def _scatter(self, node: nodes.Scatter) -> list[ast.stmt]:
        """`g = []`; for each item the body, then `g.append(v)`; at the end `v = g`, for each export."""
        if self.depth == _DEEPEST:
            raise SyntaxError("too many nested scatters")
        exports = self._exports(node)
        lists = {name: f"g{self.depth}_{name}" for name in exports}
        items = self.placed(self.needed(node.expression)[0], node.expression)
        variable = node.variable.name
        shadowed = self.variables.get(variable)
        self.variables[variable] = f"i{self.depth}_{variable}"
        for gathered in [*lists.values()][:1]:
            self.loops.append(Loop(node.expression.end, node.end, variable, self.variables[variable], gathered))
        self.depth += 1
        target = ast.Name(self.variables[variable], ast.Store())
        body = self._body(node.body)
        self.depth -= 1
        self._restore(variable, shadowed)
        for name in exports:
            appended = python.call(ast.Attribute(python.name(lists[name]), "append", ast.Load()), self._load(name))
            body.append(ast.Expr(appended))
        before: list[ast.stmt] = [
            ast.Assign([ast.Name(gathered, ast.Store())], python.array([])) for gathered in lists.values()
        ]
        after = [self._assign(name, python.name(gathered)) for name, gathered in lists.items()]
        loop = ast.For(target, items, body, [])
        return [self.placed(line, node) for line in [*before, loop, *after]]

    def _load(self, name: str) -> ast.expr:
        return python.name(self._variable(name))

    def _restore(self, name: str, variable: str | None) -> None:
        if variable is None:
            del self.variables[name]
        else:
            self.variables[name] = variable

    def _if(self, node: nodes.If) -> list[ast.stmt]:
        """Each export is None, then what the clause that is taken makes of it."""
        lines = [self._assign(name, python.constant(None)) for name in self._exports(node)]
        return [self.placed(line, node) for line in [*lines, *self._clauses(node, node.clauses)]]

    def _clauses(self, node: nodes.If, clauses: Sequence[nodes.Clause]) -> list[ast.stmt]:
        if not clauses:
            return []
        if len(clauses) > _LONG_CHAIN:
            return [self._chain(node, clauses)]
        first = clauses[0]
        if first.condition is None:
            return self._clause(node, first)
        condition = self.code(first.condition, self.type_of(first.condition))
        branch = ast.If(condition, self._clause(node, first), self._clauses(node, clauses[1:]))
        return [self.placed(branch, first)]

    def _clause(self, node: nodes.If, clause: nodes.Clause) -> list[ast.stmt]:
        """The body of a clause; then what it exports gets the type that it has outside."""
        lines = self._body(clause.body)
        exports = self._exports(node)
        for name, convert in conversions(self.workflow, node, clause).items():
            if name in exports:
                value = python.call(self.held(convert), self._load(name), python.name(python.CONTEXT))
                lines.append(self.placed(self._assign(name, value), clause))
        return lines

    def _chain(self, node: nodes.If, clauses: Sequence[nodes.Clause]) -> ast.stmt:
        """Many clauses one below the other, in a loop that the taken one leaves: nested, they would be too deep."""
        lines: list[ast.stmt] = []
        for clause in clauses:
            body = self._clause(node, clause)
            if clause.condition is not None:
                condition = self.code(clause.condition, self.type_of(clause.condition))
                body = [self.placed(ast.If(condition, [*body, ast.Break()], []), clause)]
            lines += body
        return self.placed(ast.While(ast.Constant(value=True), [*lines, ast.Break()], []), clauses[0])


def conversions(workflow: TypedWorkflow, node: nodes.If, clause: nodes.Clause) -> dict[str, Converter]:
    """What turns the exports of a clause into the types that they have outside, for those that have another there."""
    inner, outer = workflow.clauses.get(clause, {}), workflow.exports[node]
    made = {name: converter(type_, outer[name]) for name, type_ in inner.items() if name in outer}
    return {name: convert for name, convert in made.items() if convert is not None}


# --- the order of statements -------------------------------------------------------------------------------


def in_order(statements: Sequence[nodes.Statement]) -> list[nodes.Statement]:
    """Statements of one body, each after those whose names it mentions."""
    maker = {name: statement for statement in statements for name in _defined(statement)}
    needs = {
        statement: dict.fromkeys(
            maker[name] for name in mentioned(statement) if maker.get(name, statement) is not statement
        )
        for statement in statements
    }
    return order(statements, needs)[0]


def _defined(statement: nodes.Statement) -> Iterator[str]:
    match statement:
        case nodes.Declaration():
            yield statement.name.name
        case nodes.Scatter():
            yield from (name for inner in statement.body for name in _defined(inner))
        case nodes.If():
            yield from (name for clause in statement.clauses for inner in clause.body for name in _defined(inner))


def mentioned(statement: nodes.Statement) -> Iterator[str]:
    """Names in the expressions of a statement, as often as they stand there; those of its own body are among them."""
    match statement:
        case nodes.Declaration():
            yield from _names(statement.expression)
        case nodes.Call():
            yield from (name for given in statement.inputs for name in _names(given.expression))
        case nodes.Scatter():
            yield from _names(statement.expression)
            yield from (name for inner in statement.body for name in mentioned(inner))
        case nodes.If():
            for clause in statement.clauses:
                yield from _names(clause.condition)
                yield from (name for inner in clause.body for name in mentioned(inner))


def _names(expression: nodes.Expression | None) -> Iterator[str]:
    return (name.name for name, _ in references(expression)) if expression is not None else iter(())
