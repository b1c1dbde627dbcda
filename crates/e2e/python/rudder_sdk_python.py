"""Speaks with the unmodified client: python rudder_sdk_python.py BASE WRITE_KEY"""

import sys

import rudderstack.analytics as rudder

faults = []
rudder.dataPlaneUrl, rudder.write_key = sys.argv[1:]
rudder.max_retries = 2
rudder.on_error = lambda fault, _: faults.append(fault)

rudder.track(anonymous_id="rudder-python-device", event="Looked")
rudder.identify("rudder-python-1", {"email": "Rudder.Python@Example.com", "plan": "pro"})
rudder.track("rudder-python-1", "Order Completed", {"order_id": "o-1", "total": 99.5, "revenue": 99.5})
rudder.page("rudder-python-1", "Shop", "Home", {"url": "https://shop.example/"})
rudder.alias("rudder-python-device", "rudder-python-1")
rudder.shutdown()

sys.exit("\n".join(map(repr, faults)) or 0)
