import HTTPTypes
import Hummingbird
import NIOCore
import SignetHummingbird
import SignetTokens
import SignetVerifier

/// `GET /notes`, `POST /notes` and `DELETE /notes/{id}`, each for the caller's own notes alone.
struct NotesRoutes {
    /// The longest request that is read, in bytes.
    static let bodyLimit = 64 * 1024

    let notes: NoteStore
    var clock: any WallClock = SystemWallClock()
    var randomBytes: RandomBytes = systemRandomBytes

    func router(verifier: AccessTokenVerifier) -> Router<BasicAccessTokenRequestContext> {
        let router = Router(context: BasicAccessTokenRequestContext.self)
        router.get("health") { _, _ in HTTPResponse.Status.ok }

        // Whatever is added from here on needs a good access token, and each route its scope.
        router.add(middleware: BearerAuthentication(verifier))
        let reading = router.group("notes").add(middleware: RequireScope("notes:read"))
        let writing = router.group("notes").add(middleware: RequireScope("notes:write"))
        reading.get(use: list)
        writing.post(use: create)
        writing.delete(":id", use: delete)
        return router
    }

    @Sendable private func list(_ request: Request, _ context: BasicAccessTokenRequestContext) async throws -> Response {
        let notes = try await notes.notes(of: try context.accessToken.subject)

        return answer(.ok, ["notes": .array(notes.map(json))])
    }

    @Sendable private func create(_ request: Request, _ context: BasicAccessTokenRequestContext) async throws -> Response {
        let text = try await noteText(in: request)
        let now = clock.now
        let note = Note(id: NoteID.timeOrdered(at: now, randomBytes), text: text, createdAt: now)

        guard try await notes.add(note, of: try context.accessToken.subject) else {
            throw Problem(.conflict, "You have \(NoteStore.mostNotes) notes; delete one first.")
        }
        return answer(.created, json(note))
    }

    @Sendable private func delete(_ request: Request, _ context: BasicAccessTokenRequestContext) async throws -> Response {
        // Somebody else's note is answered like one that never was: ids tell nobody anything.
        guard let id = context.parameters.get("id").flatMap({ NoteID($0) }),
            try await notes.delete(id, of: try context.accessToken.subject)
        else { throw Problem(.notFound, "You have no such note.") }
        return Response(status: .noContent)
    }

    private func noteText(in request: Request) async throws -> String {
        let type = request.headers[.contentType]?.split(separator: ";").first?.filter { !$0.isWhitespace }.lowercased()
        guard type == "application/json" else { throw Problem(.unsupportedMediaType, "Send application/json.") }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Self.bodyLimit)
        } catch is NIOTooManyBytesError {
            throw Problem(.contentTooLarge, "A request has at most \(Self.bodyLimit) bytes.")
        }

        guard let members = (try? JSONValue(parsing: body.readableBytesView))?.object else {
            throw Problem(.badRequest, "The body is not one JSON object.")
        }
        guard let text = members["text"]?.string, (1...NoteStore.longestText).contains(text.unicodeScalars.count) else {
            throw Problem(.unprocessableContent, "\"text\" is a string of 1 to \(NoteStore.longestText) characters.")
        }
        return text
    }

    private func json(_ note: Note) -> JSONValue {
        ["id": .string(note.id.description), "text": .string(note.text), "created_at": .string(note.createdAt.rfc3339)]
    }

    private func answer(_ status: HTTPResponse.Status, _ json: JSONValue) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }
}
