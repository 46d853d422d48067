"""Whom a gateway's TLS believes: the authorities of the machine, or one's own operator's alone.

The certificate and the host name in it are always checked; there is no switch that turns it off.
"""

import ssl


def tls_context(authority: str = "") -> ssl.SSLContext:
    """TLS 1.2 or newer. `authority` is the path of a PEM file of certificates which are then the only ones believed.

    Raises ValueError when the file cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=authority or None)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"the authority file {authority} cannot be used: {error}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
