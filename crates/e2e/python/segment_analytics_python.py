"""Speaks with the unmodified client: python segment_analytics_python.py BASE WRITE_KEY"""

import sys

from segment.analytics.client import Client

host, write_key = sys.argv[1:]
faults = []
segment = Client(write_key, host=host, gzip=True, max_retries=2, on_error=lambda fault, _: faults.append(fault))

segment.track(anonymous_id="segment-python-device", event="Looked")
segment.identify("segment-python-1", {"email": "Segment.Python@Example.com", "plan": "pro"})
segment.track("segment-python-1", "Order Completed", {"order_id": "o-1", "total": 99.5, "revenue": 99.5})
segment.page("segment-python-1", "Shop", "Home", {"url": "https://shop.example/"})
segment.alias("segment-python-device", "segment-python-1")
segment.shutdown()

sys.exit("\n".join(map(repr, faults)) or 0)
