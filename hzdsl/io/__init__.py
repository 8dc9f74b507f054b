"""Reading events and histograms, writing tables: the only room that touches files of data."""

from hzdsl.io.histograms import StoredHistogram, read_histogram
from hzdsl.io.opening import open_source
from hzdsl.io.options import RemoteOptions
from hzdsl.io.sinks import atomic_path, write_table, write_text_atomically
from hzdsl.io.source import Column, ColumnInfo, Source

__all__ = [
    "Column",
    "ColumnInfo",
    "RemoteOptions",
    "Source",
    "StoredHistogram",
    "atomic_path",
    "open_source",
    "read_histogram",
    "write_table",
    "write_text_atomically",
]
