public import HTTPTypes

/// Every way in which a request can be refused before a responder sees it.
///
/// This is the one place that maps a refusal to its status, its text, and its name in the journal and in metrics. After
/// each of them the end of the request is not known, or not worth reading: the connection is closed, and nothing that
/// came behind it is executed (RFC 9112 section 9.6). But for ``overloaded``: that request was whole, and the connection
/// goes on.
public enum Refusal: String, Error, Sendable, CaseIterable {
    case requestLineMalformed = "request_line_malformed"
    case requestLineTooLong = "request_line_too_long"
    case methodUnknown = "method_unknown"
    case targetInvalid = "target_invalid"
    case targetMisdirected = "target_misdirected"
    case versionMalformed = "version_malformed"
    case versionUnsupported = "version_unsupported"
    case lineEndingInvalid = "line_ending_invalid"
    case fieldNameInvalid = "field_name_invalid"
    case fieldValueInvalid = "field_value_invalid"
    case fieldFolded = "field_folded"
    case fieldsTooMany = "fields_too_many"
    case headerSectionTooLarge = "header_section_too_large"
    case hostMissing = "host_missing"
    case hostRepeated = "host_repeated"
    case hostInvalid = "host_invalid"
    case contentLengthInvalid = "content_length_invalid"
    case contentLengthRepeated = "content_length_repeated"
    case contentLengthWithTransferEncoding = "content_length_with_transfer_encoding"
    case transferEncodingInvalid = "transfer_encoding_invalid"
    case transferEncodingUnsupported = "transfer_encoding_unsupported"
    case transferEncodingWithHTTP10 = "transfer_encoding_with_http_1_0"
    case expectationUnknown = "expectation_unknown"
    case bodyTooLarge = "body_too_large"
    case chunkMalformed = "chunk_malformed"
    case chunkExtensionTooLong = "chunk_extension_too_long"
    case trailerTooLarge = "trailer_too_large"
    case requestIncomplete = "request_incomplete"
    case headerTimeout = "header_timeout"
    case requestTimeout = "request_timeout"
    case proxyHeaderMalformed = "proxy_header_malformed"
    case forwardedMalformed = "forwarded_malformed"
    case contentBudgetExhausted = "content_budget_exhausted"
    case overloaded

    /// The status of the answer.
    public var status: HTTPResponse.Status {
        switch self {
        case .requestLineMalformed, .targetInvalid, .versionMalformed, .lineEndingInvalid, .fieldNameInvalid,
            .fieldValueInvalid, .fieldFolded, .hostMissing, .hostRepeated, .hostInvalid, .contentLengthInvalid,
            .contentLengthRepeated, .contentLengthWithTransferEncoding, .transferEncodingInvalid,
            .transferEncodingWithHTTP10, .chunkMalformed, .chunkExtensionTooLong, .requestIncomplete,
            .proxyHeaderMalformed, .forwardedMalformed:
            .badRequest
        case .headerTimeout, .requestTimeout: .requestTimeout
        case .bodyTooLarge: .contentTooLarge
        case .overloaded, .contentBudgetExhausted: .serviceUnavailable
        case .targetMisdirected: .misdirectedRequest
        case .requestLineTooLong: .uriTooLong
        case .expectationUnknown: .expectationFailed
        case .fieldsTooMany, .headerSectionTooLarge, .trailerTooLarge: .requestHeaderFieldsTooLarge
        case .methodUnknown, .transferEncodingUnsupported: .notImplemented
        case .versionUnsupported: .httpVersionNotSupported
        }
    }

    /// What the client is told, as the answer's `detail`: what is wrong and which rule says so.
    public var detail: String {
        switch self {
        case .requestLineMalformed: "The request line is not 'method target HTTP/1.1' (RFC 9112 section 3)."
        case .requestLineTooLong: "The request line is too long (RFC 9110 section 15.5.15)."
        case .methodUnknown: "The method is not known (RFC 9110 section 9)."
        case .targetInvalid: "The request target is not valid (RFC 9112 section 3.2)."
        case .targetMisdirected: "This connection serves no 'https' target (RFC 9110 section 7.4)."
        case .versionMalformed: "The protocol version is not 'HTTP/1.1' (RFC 9112 section 2.3)."
        case .versionUnsupported: "This server speaks HTTP/1.1 only (RFC 9110 section 15.6.6)."
        case .lineEndingInvalid: "A line must end with CR LF (RFC 9112 section 2.2)."
        case .fieldNameInvalid: "A field name is not a token (RFC 9112 section 5.1)."
        case .fieldValueInvalid: "A field value has a control character (RFC 9110 section 5.5)."
        case .fieldFolded: "A field is folded over lines (RFC 9112 section 5.2)."
        case .fieldsTooMany: "There are too many fields (RFC 6585 section 5)."
        case .headerSectionTooLarge: "The header section is too large (RFC 6585 section 5)."
        case .hostMissing: "Host is missing (RFC 9112 section 3.2)."
        case .hostRepeated: "Host is repeated (RFC 9112 section 3.2)."
        case .hostInvalid: "Host is not valid (RFC 9110 section 7.2)."
        case .contentLengthInvalid: "Content-Length is not a number (RFC 9112 section 6.3)."
        case .contentLengthRepeated: "Content-Length is repeated (RFC 9112 section 6.3)."
        case .contentLengthWithTransferEncoding:
            "Content-Length stands beside Transfer-Encoding (RFC 9112 section 6.1)."
        case .transferEncodingInvalid: "Transfer-Encoding is not valid (RFC 9112 section 6.3)."
        case .transferEncodingUnsupported: "No transfer coding but 'chunked' is implemented (RFC 9112 section 6.1)."
        case .transferEncodingWithHTTP10: "Transfer-Encoding is not known in HTTP/1.0 (RFC 9112 section 6.1)."
        case .expectationUnknown: "No expectation but '100-continue' can be met (RFC 9110 section 10.1.1)."
        case .bodyTooLarge: "The body is too large (RFC 9110 section 15.5.14)."
        case .chunkMalformed: "A chunk is malformed (RFC 9112 section 7.1)."
        case .chunkExtensionTooLong: "A chunk extension is too long (RFC 9112 section 7.1.1)."
        case .trailerTooLarge: "The trailer section is too large (RFC 6585 section 5)."
        case .requestIncomplete: "The connection was closed before the request was whole (RFC 9112 section 8)."
        case .headerTimeout: "The header section did not arrive in time (RFC 9110 section 15.5.9)."
        case .requestTimeout: "The request did not arrive in time (RFC 9110 section 15.5.9)."
        case .proxyHeaderMalformed: "The header of the PROXY protocol is malformed (proxy-protocol.txt section 2)."
        case .overloaded: "Too many requests are in work; try again later (RFC 9110 section 15.6.4)."
        case .contentBudgetExhausted:
            "Too much content of requests is held; try again later (RFC 9110 section 15.6.4)."
        case .forwardedMalformed: "What a proxy says of its client is malformed (RFC 7239 section 4)."
        }
    }
}
