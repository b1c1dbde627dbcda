"""Speaks with the unmodified client: python posthog_python.py BASE WRITE_KEY"""

import sys

from posthog import Posthog

host, api_key = sys.argv[1:]
faults = []
posthog = Posthog(api_key, host=host, max_retries=1, gzip=True, on_error=lambda fault, _: faults.append(fault))

who = {"distinct_id": "posthog-python-1"}
device = {"distinct_id": "posthog-python-device"}
posthog.capture("Looked", **device, properties={"$process_person_profile": False})
posthog.set(**who, properties={"email": "Posthog.Python@Example.com", "plan": "pro"})
posthog.capture("Order Completed", **who, properties={"order_id": "o-1", "total": 99.5, "revenue": 99.5})
posthog.capture("$pageview", **who, properties={"$current_url": "https://shop.example/"})
posthog.alias(previous_id="posthog-python-device", distinct_id="posthog-python-1")
posthog.flush()
if flag := posthog.evaluate_flags("posthog-python-1").get_flag("nothing-is-flagged"):
    faults.append(f"there is a flag: {flag}")
posthog.shutdown()

sys.exit("\n".join(map(repr, faults)) or 0)
