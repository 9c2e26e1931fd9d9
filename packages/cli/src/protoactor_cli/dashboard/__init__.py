"""A small web page about a running cluster; needs `protoactor-cli[dashboard]`.

_watch      looks into the cluster again and again
_snapshot   what a page shows, as JSON
_pages      answers searches: grains, routes, traces
_site       the ASGI application: the page, its data, its live updates
_serve      runs it
"""

from protoactor_cli.dashboard._serve import serve
from protoactor_cli.dashboard._site import site
from protoactor_cli.dashboard._watch import Watch

__all__ = ["Watch", "serve", "site"]
