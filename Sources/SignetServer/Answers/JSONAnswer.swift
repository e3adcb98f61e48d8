import HTTPTypes
import Hummingbird
import NIOCore
import SignetTokens

extension Response {
    /// A JSON answer; never kept by a cache unless `headers` say otherwise.
    init(_ status: HTTPResponse.Status, json: JSONValue, type: String = "application/json", headers: HTTPFields = [:]) {
        var all: HTTPFields = [.contentType: type, .cacheControl: "no-store"]
        for field in headers { all[field.name] = field.value }
        self.init(status: status, headers: all, body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }
}
