"""Analyses and programs as bytes: what travels to workers, or is kept beside results."""

from __future__ import annotations

from hzdsl.backends import base
from hzdsl.errors import HzdslError
from hzdsl.io.schema.model import Field, Link, ObjectSchema, Schema, SchemaTag
from hzdsl.ir import analysis
from hzdsl.ir.analysis import Document
from hzdsl.ir.hash import analysis_hash
from hzdsl.ir.packed import pack, sound, unpack

#: The records that columns name their schema with.
SCHEMA = (SchemaTag, Schema, ObjectSchema, Link, Field)
#: The records that a document is made of.
DOCUMENT = (
    analysis.Document,
    analysis.Region,
    analysis.Cut,
    analysis.Histogram,
    analysis.Axis,
    analysis.Weight,
    analysis.Output,
    analysis.Parameter,
    analysis.Sample,
    analysis.FunctionOfFile,
    *SCHEMA,
)
#: The records that a program is made of.
PROGRAM = (base.Program, base.Selection, base.Fill, base.Regular, base.Variable, *SCHEMA)


def pack_document(document: Document) -> bytes:
    """Return an analysis as bytes, with its hash.

    Examples
    --------
    >>> from hzdsl.ir.build import compare, const, param
    >>> cut = analysis.Cut("many", compare("lt", const(3), param("n", 5)))
    >>> document = Document(regions=(analysis.Region("sr", (cut,)),))
    >>> unpack_document(pack_document(document)) == document
    True
    """
    return pack((analysis_hash(document), document))


def unpack_document(data: bytes) -> Document:
    """Return the analysis that `pack_document` wrote.

    Raises
    ------
    HzdslError
        `graph-format` where the bytes are damaged, of another version, no analysis, or mean something else than
        when they were written.
    """
    value = unpack(data, DOCUMENT)
    with sound():
        known, document = value
        if not isinstance(document, Document) or analysis_hash(document) != known:
            raise ValueError("it is not the analysis that was written")
        return document


def pack_program(program: base.Program) -> bytes:
    """Return a program as bytes: equal programs give equal bytes.

    Examples
    --------
    >>> from hzdsl.ir.build import compare, const, param
    >>> program = base.Program((base.Selection((compare("lt", const(3), param("n", 5)),)),))
    >>> unpack_program(pack_program(program)) == program
    True
    """
    return pack(program)


def unpack_program(data: bytes) -> base.Program:
    """Return the program that `pack_program` wrote.

    Raises
    ------
    HzdslError
        `graph-format` where the bytes are damaged, of another version or no program.
    """
    program = unpack(data, PROGRAM)
    if not isinstance(program, base.Program):
        raise HzdslError("graph-format", "these bytes hold no program", fix="write them again: pack_program")
    return program
