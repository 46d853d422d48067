"""The registries of area codes in the database, as `domain.cap` asks for them."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from openconsular.domain.cap.geocodes import Geocode as Code
from openconsular.domain.geo import Area
from openconsular.hazards.models import Geocode


class LoadedRegistries:
    """Reads the table anew for every message: a registry loaded meanwhile counts at once."""

    def loaded(self) -> Collection[str]:
        return set(Geocode.objects.values_list("registry", flat=True).distinct())

    def find(self, codes: Collection[Code]) -> Mapping[Code, Area]:
        by_registry: dict[str, dict[str, list[Code]]] = defaultdict(lambda: defaultdict(list))
        for code in codes:
            by_registry[code.registry][code.code].append(code)
        found: dict[Code, Area] = {}
        for registry, wanted in by_registry.items():
            rows = Geocode.objects.filter(registry=registry, code__in=list(wanted)).values_list(
                "code", "area"
            )
            for name, content in rows:
                area = Area.from_bytes(bytes(content))
                found |= dict.fromkeys(wanted[name], area)
        return found
