"""One registry, many spellings of its name."""

import pytest

from openconsular.domain.cap.geocodes import codes_of, is_hole, registry_name
from openconsular.domain.cap.model import NamedValue


@pytest.mark.parametrize(
    ("name", "value", "registry"),
    [
        ("EMMA_ID", "AT001", "EMMA_ID"),
        ("emma_id", "AT001", "EMMA_ID"),
        ("FIPS6", "006037", "SAME"),
        ("SAME", "006037", "SAME"),
        ("FIPS", "006037", "SAME"),
        ("FIPS", "EI01", "FIPS"),
        ("UGC", "NVC013", "UGC"),
        ("NUTS2", "AT11", "NUTS2"),
        ("NUTS", "AT11", "NUTS2"),
        ("NUTS", "AT111", "NUTS3"),
        ("ISO3166-2", "AU-NSW", "ISO3166-2"),
        ("ISO 3166-2", "AU-NSW", "ISO3166-2"),
        ("urn:oasis:names:tc:emergency:cap:1.2:profile:CAP-AU:1.0:ISO3166-2", "AU-NSW", "ISO3166-2"),
        ("urn:iso:std:iso:3166-2", "AU-NSW", "ISO3166-2"),
        ("profile:CAP-CP:Location:0.3", "3520", "SGC"),
        ("http://www.example.org/FIPS6", "036067", "SAME"),
        ("Local code 7", "x", "Local code 7"),
    ],
)
def test_registry_names(name, value, registry):
    assert registry_name(name, value) == registry


@pytest.mark.parametrize(
    ("name", "value", "codes"),
    [
        ("UGC", "NVC013", ["NVC013"]),
        ("UGC", "nvc013-019>021-", ["NVC013", "NVC019", "NVC020", "NVC021"]),
        ("UGC", "NVC013 UTZ004", ["NVC013", "UTZ004"]),
        ("FIPS6", "6037", ["006037"]),
        ("SAME", "006037,006059", ["006037", "006059"]),
        ("EMMA_ID", "at001;at002", ["AT001", "AT002"]),
        ("Local", " a  b ", ["a b"]),
        ("UGC", "", []),
    ],
)
def test_codes_in_a_value(name, value, codes):
    assert [place.codes[0].code for place in codes_of(NamedValue(name, value))] == codes


def test_a_range_cannot_fill_the_memory():
    assert len(codes_of(NamedValue("UGC", "NVC000>999" * 500))) <= 2000


def test_holes():
    assert is_hole(NamedValue("EXCLUDE_POLYGON", "1,1"))
    assert not is_hole(NamedValue("EMMA_ID", "AT001"))
