// Methods, statuses and requests are part of every endpoint's declaration.
@_exported public import HTTPServer
@_exported public import HTTPTypes
