"""Names of the codes that certificates are filled with, for a desk to choose from and a page to show.

Codes and the pairing of product and maker are those of the eHealth Network's value sets (vaccine-medicinal-product,
vaccine-mah-manf, vaccine-prophylaxis, disease-agent-targeted, test-type, test-result) and of CDC's CVX.
"""

from dataclasses import dataclass

from openconsular.domain.health.certificate import Coded
from openconsular.domain.health.records.products import product as catalogued


def gettext_noop(text: str) -> str:
    """Marks a text for translation; this module itself speaks no language but English."""
    return text


@dataclass(frozen=True, slots=True)
class CovidVaccine:
    """A product a COVID-19 certificate may name, with what follows from it. `cvx` is "" where CDC has no code."""

    product: str
    name: str
    vaccine: str
    maker: str
    maker_name: str
    cvx: str = ""


_MRNA, _ANTIGEN, _OTHER = "1119349007", "1119305005", "J07BX03"
COVID_VACCINES: tuple[CovidVaccine, ...] = (
    CovidVaccine(
        "BBIBP-CorV", "BBIBP-CorV", _OTHER, "ORG-100020693", "China Sinopharm International Corp.", "510"
    ),
    CovidVaccine("CoronaVac", "CoronaVac", _OTHER, "Sinovac-Biotech", "Sinovac Biotech", "511"),
    CovidVaccine("Convidecia", "Convidecia", _OTHER, "ORG-100013793", "CanSino Biologics", "506"),
    CovidVaccine("EU/1/20/1528", "Comirnaty", _MRNA, "ORG-100030215", "Biontech Manufacturing GmbH", "208"),
    CovidVaccine("EU/1/20/1507", "Spikevax", _MRNA, "ORG-100031184", "Moderna Biotech Spain S.L.", "207"),
    CovidVaccine("EU/1/21/1529", "Vaxzevria", _OTHER, "ORG-100001699", "AstraZeneca AB", "210"),
    CovidVaccine("EU/1/20/1525", "Jcovden", _OTHER, "ORG-100001417", "Janssen-Cilag International", "212"),
    CovidVaccine("EU/1/21/1618", "Nuvaxovid", _ANTIGEN, "ORG-100032020", "Novavax CZ a.s.", "211"),
    CovidVaccine(
        "Covishield", "Covishield", _OTHER, "ORG-100001981", "Serum Institute Of India Private Limited"
    ),
    CovidVaccine("Covaxin", "Covaxin", _OTHER, "Bharat-Biotech", "Bharat Biotech", "502"),
    CovidVaccine(
        "Sputnik-V", "Sputnik V", _OTHER, "Gamaleya-Research-Institute", "Gamaleya Research Institute", "505"
    ),
)

_TRANSLATED: dict[str, str] = {
    "840539006": gettext_noop("COVID-19"),
    "1D47": gettext_noop("Yellow fever"),
    "1C81": gettext_noop("Acute poliomyelitis"),
    _MRNA: gettext_noop("mRNA vaccine against COVID-19"),
    _ANTIGEN: gettext_noop("protein vaccine against COVID-19"),
    _OTHER: gettext_noop("vaccine against COVID-19"),
    "LP6464-4": gettext_noop("nucleic acid test (PCR and the like)"),
    "LP217198-3": gettext_noop("rapid antigen test"),
    "260415000": gettext_noop("not detected"),
    "260373001": gettext_noop("detected"),
}
_PLAIN = {one.product: one.name for one in COVID_VACCINES} | {
    one.maker: one.maker_name for one in COVID_VACCINES
}
_CVX = {one.cvx: one.name for one in COVID_VACCINES if one.cvx}


def name_of(coded: Coded) -> str:
    """What a code is called, in English; "" when nobody here knows. Names of products are the same in all languages."""
    if "cvx" in coded.system:
        return _CVX.get(coded.code, "")
    found = catalogued(coded.code)
    return found.name if found else _TRANSLATED.get(coded.code) or _PLAIN.get(coded.code, "")
