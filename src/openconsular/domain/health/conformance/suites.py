"""Every kind of published vectors this code is run on."""

from collections.abc import Callable, Iterable
from pathlib import Path

from openconsular.domain.health.conformance import (
    Suite,
    cose,
    dcc_schema,
    dgc,
    divoc,
    gdhcn,
    rules,
    smart,
    vds_nc,
)

Run = Callable[[Path], Iterable[Suite]]

# What is run, in this order, by the name shown while it runs.
RUNS: dict[str, Run] = {
    "dgc-testdata": dgc.run,
    "eu-dcc-schema": dcc_schema.run,
    "cose": cose.run,
    "gdhcn-validator": gdhcn.run,
    "vds-nc": vds_nc.run,
    "smart": smart.run,
    "divoc": divoc.run,
    "rules": rules.run,
}
