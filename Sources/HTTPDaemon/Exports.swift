// Whoever writes a daemon imports one module.
@_exported public import HTTPEndpoints
@_exported public import Logging
@_exported public import ServiceSettings
