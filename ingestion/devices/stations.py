"""The twelve monitoring stations of Beijing, with approximate coordinates from public maps."""

from typing import Final

from ingestion.devices.message import Location

STATIONS: Final = {
    "Aotizhongxin": Location(39.982, 116.397),
    "Changping": Location(40.217, 116.230),
    "Dingling": Location(40.292, 116.220),
    "Dongsi": Location(39.929, 116.417),
    "Guanyuan": Location(39.929, 116.339),
    "Gucheng": Location(39.914, 116.184),
    "Huairou": Location(40.328, 116.628),
    "Nongzhanguan": Location(39.937, 116.461),
    "Shunyi": Location(40.127, 116.655),
    "Tiantan": Location(39.886, 116.407),
    "Wanliu": Location(39.987, 116.287),
    "Wanshouxigong": Location(39.878, 116.352),
}
"""Place of each station, under its name in the source."""
