import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.devices.message import METRICS
from ingestion.devices.reasons import RANGES
from ingestion.firehose_transform.streams.units import UNITS, in_our_units
from tests.ingestion.firehose_transform.making import judged, message


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ('{"temperature_f":98.6}', '{"temperature_c":37.0}'),
        ('{"temperature_f":-40}', '{"temperature_c":-40.0}'),
        ('{"temperature_f":32}', '{"temperature_c":0.0}'),
        ('{"pm10":1.50,"temperature_k":300,"o3":2}', '{"pm10":1.50,"temperature_c":26.85,"o3":2}'),
        ('{"dew_point_f":50}', '{"dew_point_c":10.0}'),
        ('{"dew_point_k":273.15}', '{"dew_point_c":0.0}'),
        ('{"pressure_pa":101325}', '{"pressure_hpa":1013.25}'),
        ('{"pressure_kpa":101.325}', '{"pressure_hpa":1013.25}'),
        ('{"pressure_mbar":1013}', '{"pressure_hpa":1013.0}'),
        ('{"pressure_mmhg":760}', '{"pressure_hpa":1013.2501}'),
        ('{"pressure_inhg":29.92}', '{"pressure_hpa":1013.2075}'),
        ('{"rain_cm":0.5}', '{"rain_mm":5.0}'),
        ('{"rain_in":1}', '{"rain_mm":25.4}'),
        ('{"wind_speed_km_h":36}', '{"wind_speed_m_s":10.0}'),
        ('{"wind_speed_mph":10}', '{"wind_speed_m_s":4.4704}'),
        ('{"wind_speed_kn":10}', '{"wind_speed_m_s":5.1444}'),
        ('{"temperature_f":50,"temperature_k":283.15}', '{"temperature_c":10.0,"temperature_k":283.15}'),
    ],
)
def test_a_unit_that_is_named_is_converted(sent: str, written: str) -> None:
    assert (in_our_units(sent.encode()) or b"").decode() == written
    assert in_our_units(written.encode()) is None


@pytest.mark.parametrize(
    "sent",
    [
        '{"temperature_c":1}',
        '{"temperature_f":50,"temperature_c":null}',
        '{"temperature_f":"50"}',
        '{"temperature_f":null}',
        '{"temperature_f":true}',
        '{"temperature_f":1e400}',
        '{"temperature_f":500}',
        '{"pressure_pa":1013}',
        '{"temperature_f":50,"temperature_f":51}',
        '{"temperature_f":50,"x":}',
        '[{"temperature_f":50}]',
        '"temperature_f"',
        "null",
        "",
    ],
)
def test_what_is_no_reading_or_would_be_refused_stays(sent: str) -> None:
    assert in_our_units(sent.encode()) is None


def test_every_unit_leads_to_a_field_of_the_job() -> None:
    assert {wanted for wanted, _, _ in UNITS.values()} < set(METRICS)
    assert not UNITS.keys() & set(METRICS)


def test_a_zero_has_no_sign() -> None:
    assert json.loads(in_our_units(b'{"temperature_k":273.149999}') or b"") == {"temperature_c": 0.0}
    assert in_our_units(b'{"temperature_k":273.149999}') == b'{"temperature_c":0.0}'


readings = st.dictionaries(
    st.sampled_from([*UNITS, *METRICS, "uv_index"]),
    st.one_of(
        st.floats(allow_nan=False, allow_infinity=False),
        st.integers(-400, 2_000),
        st.none(),
        st.text(max_size=2),
    ),
)


@given(readings)
def test_converted_once_readings_stay_and_the_job_finds_no_new_fault_in_them(
    metrics: dict[str, object],
) -> None:
    text = json.dumps(metrics, separators=(",", ":"))
    written = in_our_units(text.encode())
    if written is not None:
        assert in_our_units(written) is None
        assert len(json.loads(written)) == len(metrics)
        before, after = (judged(message(metrics=each))[0] for each in (text, written.decode()))
        assert after[1] == before[1]
        for name, value in json.loads(written).items():
            low, high = RANGES.get(f"metrics.{name}", (None, None))
            assert name in metrics or low <= value <= high
