"""Feeding torch tensors and scipy's sparse arrays to a hash."""

from __future__ import annotations

import sys
from typing import Any

from .arrays import feed_array, put
from .bytes import Nested, Undigestible


def feed_tensor(hash: Any, tensor: Any, nested: Nested) -> None:
    """Feed a tensor: type, shape and every element, wherever it lives. Layout and gradients do not count."""
    torch = sys.modules["torch"]
    put(hash, "tensor", str(tensor.dtype), repr(tuple(tensor.shape)))
    if tensor.is_quantized or tensor.device.type == "meta":
        raise Undigestible(f"{tensor.dtype} on {tensor.device.type}")
    plain = tensor.detach()
    if plain.layout != torch.strided:
        plain = (plain if plain.layout == torch.sparse_coo else plain.to_sparse_coo()).coalesce()
        put(hash, "sparse")
        feed_array(hash, plain.indices().cpu().numpy(), nested)
        plain = plain.values()
    plain = plain.cpu().resolve_conj().resolve_neg()
    try:
        array = plain.numpy()
    except TypeError:  # types that numpy has no word for: bfloat16, float8
        whole = {1: torch.uint8, 2: torch.int16, 4: torch.int32}[plain.element_size()]
        if plain.is_floating_point() and bool(plain.isnan().any()):
            plain = torch.where(plain.isnan(), torch.full_like(plain, float("nan")), plain)
        array = plain.contiguous().view(whole).numpy()
    feed_array(hash, array, nested)


def feed_sparse(hash: Any, matrix: Any, nested: Nested) -> None:
    """Feed a sparse array: type, shape and the stored elements row by row, whichever format holds them."""
    rows = matrix.tocsr()
    if rows is matrix or not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    put(hash, "sparse", repr(tuple(rows.shape)))
    feed_array(hash, rows.indptr.astype("<i8"), nested)
    feed_array(hash, rows.indices.astype("<i8"), nested)
    feed_array(hash, rows.data, nested)
