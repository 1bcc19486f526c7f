"""Amounts of memory as Kubernetes writes them: 512Mi, 2Gi, 1500M, or plain bytes."""

import re
from typing import Final

_UNITS: Final = {
    "": 1,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "Ki": 1 << 10,
    "Mi": 1 << 20,
    "Gi": 1 << 30,
    "Ti": 1 << 40,
}
_QUANTITY: Final = re.compile(r"(\d+(?:\.\d+)?)(|k|M|G|T|Ki|Mi|Gi|Ti)")
# A limit is set in steps of which the largest is about an eighth of it: nobody wants to read 1397Mi.
_STEPS_MEBIBYTES: Final = ((1024, 64), (4096, 256), (16384, 1024))
_LARGEST_STEP_MEBIBYTES: Final = 4096


def parse_quantity(text: str) -> int:
    """Give the bytes of a quantity. Raises ValueError where it is none, or nothing."""
    found = _QUANTITY.fullmatch(text.strip())
    n_bytes = int(float(found[1]) * _UNITS[found[2]]) if found else 0
    if n_bytes <= 0:
        raise ValueError("must be an amount of memory such as 512Mi or 2Gi")
    return n_bytes


def limit_for(n_bytes: float) -> str:
    """Give the smallest round quantity that holds so many bytes."""
    mebibytes = -(-int(n_bytes) // _UNITS["Mi"])
    step = next((step for most, step in _STEPS_MEBIBYTES if mebibytes <= most), _LARGEST_STEP_MEBIBYTES)
    rounded = -(-mebibytes // step) * step
    return f"{rounded}Mi" if rounded % 1024 else f"{rounded // 1024}Gi"
