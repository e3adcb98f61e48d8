import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import SignetSQLite
import SignetServer
import SignetSessions
import SignetTestKit
import SignetTokens
import Testing

/// A server with a database and a clock of its own, in which `ada` has an account, and a client that talks to its router in memory.
struct TestServer: Sendable {
    static let issuer = "https://id.example.com"
    static let password = TestPassword.of("ada")
    static let wrongPassword = TestPassword.of("nobody")
    static let newPassword = TestPassword.of("ada-since-today")

    let client: any TestClientProtocol
    let signet: SignetServer
    let clock: ManualClock
    let database: String
    let ada: UserID
    let log: CapturedLog

    /// Runs `body` against a new server; afterwards no line of its log and no entry of its audit log holds a secret.
    static func run<Context: RequestContext>(
        _ setup: TestingSetup = .router, context: Context.Type = InMemoryContext.self, issuer: String = Self.issuer,
        configure: (inout ServerConfiguration) -> Void = { _ in }, _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws where Context.Source == ApplicationRequestContextSource {
        let folder = FileManager.default.temporaryDirectory.appending(path: "signet-server-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let database = folder.appending(path: "signet.db").path
        let clock = ManualClock()
        let log = CapturedLog()
        var configuration = ServerConfiguration(database: database, issuer: issuer)
        configuration.clock = clock
        configuration.randomBytes = seededRandomBytes(20_231_114)
        // As little as Argon2 allows: these tests are about what surrounds it.
        configuration.passwordMemory = 8
        configuration.passwordPasses = 1
        // A machine with other things to do may be slow to come to a request.
        configuration.requestPatience = .seconds(300)
        configure(&configuration)
        let signet = try await SignetServer(configuration, logger: log.logger)

        let application = Application(
            router: Serve.router(for: signet, context: context), server: Serve.http1Server, services: [signet],
            logger: log.logger
        )
        try await application.test(setup) { client in
            let ada = try await Self.addUser("ada", to: signet)
            let server = TestServer(client: client, signet: signet, clock: clock, database: database, ada: ada, log: log)
            try await body(server)
            let entries = (try? await signet.store.auditEntries(limit: 1000)) ?? []
            #expect(!entries.contains { CapturedLog.holdsSecret("\($0)") })
        }
        #expect(log.leaks == [])
    }

    @discardableResult
    static func addUser(
        _ name: String, password: String = Self.password, roles: [String] = [], to signet: SignetServer
    ) async throws -> UserID {
        let name = try #require(Username(name))
        let hash = try await signet.passwords.hash(#require(Password(offered: Secret(password))))
        let user = UserID.random(systemRandomBytes)
        return try await signet.store.addUser(user, name: name, email: nil, password: hash, roles: roles).id
    }

    /// A client besides the built-in ones.
    func addClient(
        _ id: String, isFirstParty: Bool = true, grants: Set<GrantType> = [.passwordSignIn, .refreshToken],
        scope: Scope = "account", resources: [String] = [], policy: ClientPolicy = ClientPolicy(), secret: String? = nil,
        isResourceServer: Bool = false
    ) async throws {
        let id = try #require(ClientID(id))
        let client = Client(
            id: id, name: "App", isFirstParty: isFirstParty, isConfidential: secret != nil, isResourceServer: isResourceServer,
            grants: grants, scope: scope, defaultScope: scope,
            resources: resources, policy: policy, createdAt: clock.now
        )
        try await store.addClient(client, secret: secret.map { ClientSecret(Secret($0)).hash })
    }

    /// Works on the database as another program would.
    func alter(_ sql: String) async throws {
        let queue = try DatabaseQueue(path: database)
        try await queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    var store: any SessionStore { signet.store }

    /// What was logged as an error: someone must act.
    var errors: [String] { log.lines(.error) }

    // MARK: Requests

    func send(
        _ method: HTTPRequest.Method, _ path: String, _ headers: HTTPFields = [:], body: [UInt8]? = nil
    ) async throws -> Answer {
        let response = try await client.executeRequest(
            uri: path, method: method, headers: headers, body: body.map { ByteBuffer(bytes: $0) })
        return Answer(response)
    }

    func get(_ path: String, bearer token: String? = nil) async throws -> Answer {
        try await send(.get, path, token.map { [.authorization: "Bearer \($0)"] } ?? [:])
    }

    func delete(_ path: String, bearer token: String) async throws -> Answer {
        try await send(.delete, path, [.authorization: "Bearer \(token)"])
    }

    func post(_ path: String, json: JSONValue, _ headers: HTTPFields = [:]) async throws -> Answer {
        var headers = headers
        headers[.contentType] = "application/json"
        return try await send(.post, path, headers, body: json.bytes)
    }

    func post(_ path: String, form: [(String, String)], _ headers: HTTPFields = [:]) async throws -> Answer {
        var headers = headers
        headers[.contentType] = "application/x-www-form-urlencoded"
        return try await send(.post, path, headers, body: Form.encode(form))
    }

    /// A sign-in of ada, with these members besides or instead.
    func signIn(_ members: [String: JSONValue] = [:], _ headers: HTTPFields = [:]) async throws -> Answer {
        var body: JSONObject = JSONObject()
        body["username"] = "ada"
        body["password"] = .string(Self.password)
        for (name, value) in members { body[name] = value }
        return try await post("/v1/sessions", json: .object(body), headers)
    }

    /// The tokens of a sign-in that succeeds.
    func signedIn(_ members: [String: JSONValue] = [:], _ headers: HTTPFields = [:]) async throws -> Tokens {
        try await signIn(members, headers).tokens()
    }

    /// A token given back.
    func revoke(_ token: String) async throws -> Answer {
        try await post("/oauth/revoke", form: [("token", token)])
    }

    /// A renewal, with these fields besides, and an idempotency key in its header if one is given.
    func renew(_ token: String, _ fields: [(String, String)] = [], key: String? = nil) async throws -> Answer {
        var headers: HTTPFields = [:]
        if let key { headers[.idempotencyKey] = key }
        return try await post(
            "/oauth/token", form: [("grant_type", "refresh_token"), ("refresh_token", token)] + fields, headers)
    }
}

/// Idempotency keys of 128 bits and more.
enum Key {
    static let first = "8e03978e-40d5-43e8-bc93-6894a57f9324"
    static let second = "c0ffee00-40d5-43e8-bc93-6894a57f9324"
}

/// `application/x-www-form-urlencoded`.
enum Form {
    static func encode(_ fields: [(String, String)]) -> [UInt8] {
        Array(fields.map { "\(encode($0.0))=\(encode($0.1))" }.joined(separator: "&").utf8)
    }

    private static func encode(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}

/// The context of a request that never had a connection.
struct InMemoryContext: RemoteAddressRequestContext {
    static let address = "192.0.2.7"

    var coreContext: CoreRequestContextStorage
    var remoteAddress: SocketAddress? { try? SocketAddress(ipAddress: Self.address, port: 4711) }

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}
