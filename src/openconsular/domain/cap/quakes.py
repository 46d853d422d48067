"""How far an earthquake does harm, where its place, depth and magnitude are all that is told.

Seismological services publish points, not areas. The circle is where shaking of intensity VI ("strong; slight damage",
Modified Mercalli scale) or more is expected by the relation of Allen, Wald and Worden (2012), Intensity attenuation
in active crustal regions, Journal of Seismology 16, 409-433, equation for hypocentral distance. It takes the source
as a point: a great earthquake breaks along hundreds of kilometres, and the circle then is too round, not too small.
"""

import math

from openconsular.domain.cap.model import Severity

HARMFUL_INTENSITY = 6.0
SEVERE_HARM_INTENSITY = 8.0  # VIII: considerable damage in ordinary buildings
LEAST_MAGNITUDE = 5.0
"""The relation was fitted to magnitudes from 5.0 to 7.9. Weaker ones seldom do harm and happen a dozen times a day."""
USUAL_DEPTH_KM = 10.0  # what services write when the depth could not be determined
LARGEST_MAGNITUDE = 10.0  # the largest known is 9.5 (Chile, 1960)
DEEPEST_KM = 800.0
_FURTHEST_KM = 2_000.0
_LEAST_RADIUS_KM = 10.0  # a place on the epicentre is as uncertain as that

_C0, _C1, _C2, _C4 = 2.085, 1.428, -1.402, 0.078
_M1, _M2 = -0.209, 2.042


def intensity(magnitude: float, hypocentral_km: float) -> float:
    """The mean intensity expected at a distance from the hypocentre in km, on the Modified Mercalli scale."""
    near = _M1 + _M2 * math.exp(magnitude - 5)
    far = _C4 * math.log(hypocentral_km / 50) if hypocentral_km > 50 else 0.0
    return _C0 + _C1 * magnitude + _C2 * math.log(math.hypot(hypocentral_km, near)) + far


def harmful_radius_km(magnitude: float, depth_km: float) -> float:
    """Around the epicentre, rounded up to whole km; 0 where no harm is expected even there."""
    depth_km = max(depth_km, 1.0)
    if magnitude < LEAST_MAGNITUDE or intensity(magnitude, depth_km) < HARMFUL_INTENSITY:
        return 0.0
    near, far = depth_km, _FURTHEST_KM
    for _ in range(50):
        middle = (near + far) / 2
        near, far = (middle, far) if intensity(magnitude, middle) >= HARMFUL_INTENSITY else (near, middle)
    return max(float(math.ceil(math.sqrt(near**2 - depth_km**2))), _LEAST_RADIUS_KM)


def severity(magnitude: float, depth_km: float) -> Severity:
    """By the intensity expected at the epicentre."""
    strongest = intensity(magnitude, max(depth_km, 1.0))
    return Severity.EXTREME if strongest >= SEVERE_HARM_INTENSITY else Severity.SEVERE
