import Foundation
import HTTPTypes
public import SignetTokens

/// One of a person's signed-in devices: a session, as its owner may see it.
public struct Device: Hashable, Sendable {
    /// The session's id.
    public let id: SessionID
    /// What its owner calls it.
    public let name: String?
    /// The client it is signed in with.
    public let clientID: String?
    /// When it signed in, in RFC 3339.
    public let createdAt: String?
    /// When it last renewed, in RFC 3339.
    public let lastRenewedAt: String?
    /// Whether it is the device that asks.
    public let isCurrent: Bool
    /// Everything that the server says of it.
    public let details: JSONObject

    init?(_ value: JSONValue) {
        guard let object = value.object, let id = object["id"]?.string.flatMap({ SessionID($0) }) else { return nil }
        self.id = id
        name = object["device_name"]?.string
        clientID = object["client_id"]?.string
        createdAt = object["created_at"]?.string
        lastRenewedAt = object["last_renewed_at"]?.string
        isCurrent = object["is_current"]?.bool ?? false
        details = object
    }
}

extension SignetClient {
    /// The person's devices: `GET /v1/sessions`, page by page.
    /// - Throws: ``SignetClientError``; `CancellationError`.
    public func devices() async throws -> [Device] {
        var devices: [Device] = []
        var path = "/v1/sessions"
        var next: String?
        repeat {
            let answer = try await ask(server.request(.get, path, [.accept: "application/json"]))
            guard answer.status == 200 else { throw answer.error }
            guard let list = answer.object?["sessions"]?.array else { throw SignetClientError.faulty(status: 200) }
            devices += list.compactMap(Device.init)
            // A server that gives the same page for ever is not followed for ever.
            next = list.isEmpty || devices.count > 10_000 ? nil : answer.object?["next"]?.string
            path = "/v1/sessions?after=" + percentEncoded(next ?? "")
        } while next != nil
        return devices
    }

    /// Calls one of the person's devices something else: `PATCH /v1/sessions/{id}`.
    /// - Parameter name: one line of 1 to 128 characters.
    /// - Returns: the device under its new name; `nil` when there is no such device.
    /// - Throws: ``SignetClientError``; `CancellationError`.
    @discardableResult
    public func renameDevice(_ id: SessionID, to name: String) async throws -> Device? {
        let request = try server.request(
            .patch, "/v1/sessions/\(id)", [.contentType: "application/json", .accept: "application/json"])
        let answer = try await ask(request, json: ["device_name": .string(name)])
        switch answer.status {
        case 200:
            guard let device = answer.object.flatMap({ Device(.object($0)) }) else { throw SignetClientError.faulty(status: 200) }
            return device
        case 404: return nil
        default: throw answer.error
        }
    }

    /// Signs one of the person's devices out: `DELETE /v1/sessions/{id}`. When it is this one, use ``signOut()``.
    /// - Returns: whether there was such a device.
    /// - Throws: ``SignetClientError``; `CancellationError`.
    @discardableResult
    public func revokeDevice(_ id: SessionID) async throws -> Bool {
        let answer = try await ask(server.request(.delete, "/v1/sessions/\(id)"))
        switch answer.status {
        case 200, 204: return true
        case 404: return false
        default: throw answer.error
        }
    }
}
