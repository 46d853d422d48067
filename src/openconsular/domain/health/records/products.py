"""The products a digital ICVP may name, from WHO's catalogue (data/icvp_products.json says where it is from)."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Product:
    """A prequalified presentation of a vaccine.

    `disease` is the code of ICD-11 (1D47 yellow fever, 1C81 acute poliomyelitis). `days_until_valid` and `for_life`
    are what annex 7 of the International Health Regulations says for the disease.
    """

    code: str
    disease: str
    disease_name: str
    vaccine: str
    name: str
    maker: str
    days_until_valid: int
    for_life: bool


@cache
def catalogue() -> dict[str, Product]:
    """Every product by its code."""
    source = files("openconsular.domain.health").joinpath("data/icvp_products.json")
    told = json.loads(source.read_text(encoding="utf-8"))
    return {
        row["code"]: Product(
            code=row["code"],
            disease=row["disease"],
            disease_name=told["diseases"][row["disease"]]["name"],
            vaccine=row["vaccine"],
            name=row["name"],
            maker=row["maker"],
            days_until_valid=told["diseases"][row["disease"]]["days_until_valid"],
            for_life=told["diseases"][row["disease"]]["for_life"],
        )
        for row in told["products"]
    }


def product(code: str) -> Product | None:
    """The product of a code; None when the catalogue does not have it."""
    return catalogue().get(code)
