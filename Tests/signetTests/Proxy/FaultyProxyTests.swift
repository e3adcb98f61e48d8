import Foundation
import SignetTestKit
import Testing

@testable import signet

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("A bad network", .timeLimit(.minutes(5)))
struct FaultyProxyTests {
    @Test("what has no fault passes unchanged")
    func passes() async throws {
        try await EchoServer.run { echo in
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan([])) { proxy in
                let body = String(repeating: "sealing wax ", count: 20_000)

                let answer = try await RawHTTP(port: proxy.port).post("/echo", json: body)

                #expect(answer.status == 200)
                #expect(answer.text == body)
                #expect(echo.received == [body])
            }
        }
    }

    @Test("a lost request never reaches the server")
    func losesRequest() async throws {
        try await EchoServer.run { echo in
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan([.loseRequest])) { proxy in
                await #expect(throws: RawAnswer.Failure.cut(received: 0)) {
                    try await RawHTTP(port: proxy.port).post("/", json: "1")
                }

                #expect(echo.received == [])
            }
        }
    }

    @Test("a lost answer is lost after the server has done its work")
    func losesAnswer() async throws {
        try await EchoServer.run { echo in
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan([.loseAnswer])) { proxy in
                await #expect(throws: RawAnswer.Failure.cut(received: 0)) {
                    try await RawHTTP(port: proxy.port).post("/", json: "1")
                }

                #expect(echo.received == ["1"])
            }
        }
    }

    @Test("an answer is cut at any byte, and the client can tell")
    func cutsAnswer() async throws {
        try await EchoServer.run { echo in
            let length = try await RawHTTP(port: echo.port).send(Array("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nwax".utf8))
                .count
            let cuts = (0..<length).map { Fault.cutAnswer((Double($0) + 0.5) / Double(length)) }
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan(cuts)) { proxy in
                for received in 0..<length {
                    await #expect(throws: RawAnswer.Failure.cut(received: received)) {
                        try await RawHTTP(port: proxy.port).post("/", json: "wax")
                    }
                }

                let whole = try await RawHTTP(port: proxy.port).post("/", json: "wax")
                #expect(whole.text == "wax")
            }
        }
    }

    @Test("a delayed answer arrives whole, and not before its time")
    func delaysAnswer() async throws {
        try await EchoServer.run { echo in
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan([.delayAnswer(.milliseconds(50))])) { proxy in
                let start = ContinuousClock.now

                let answer = try await RawHTTP(port: proxy.port).post("/", json: "late")

                #expect(answer.text == "late")
                #expect(ContinuousClock.now - start >= .milliseconds(50))
            }
        }
    }

    @Test(
        "a repeated request reaches the server twice and is answered once",
        arguments: [
            .repeatRequest(after: nil, answerWithCopy: false), .repeatRequest(after: nil, answerWithCopy: true),
            .repeatRequest(after: .milliseconds(5), answerWithCopy: false),
            .repeatRequest(after: .milliseconds(5), answerWithCopy: true),
        ] as [Fault])
    func repeatsRequest(fault: Fault) async throws {
        try await EchoServer.run { echo in
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan([fault])) { proxy in
                let answer = try await RawHTTP(port: proxy.port).post("/", json: "twice")

                #expect(answer.text == "twice")
                #expect(echo.received == ["twice", "twice"])
            }
        }
    }

    @Test("a copy never arrives after a later request")
    func repeatsBeforeTheNext() async throws {
        try await EchoServer.run { echo in
            let plan = FaultPlan([.repeatRequest(after: .milliseconds(200), answerWithCopy: false)])
            try await FaultyProxy.run(to: echo.port, plan: plan) { proxy in
                let client = RawHTTP(port: proxy.port)
                async let renewal = client.post("/", json: "renewal")
                while echo.received.isEmpty { await Task.yield() }

                _ = try await client.post("/", json: "next renewal")

                #expect(echo.received == ["renewal", "renewal", "next renewal"])
                #expect(try await renewal.text == "renewal")
            }
        }
    }

    @Test(
        "under any plan an answer is right or cut, and no client's requests change their order",
        arguments: 1...5 as ClosedRange<UInt64>)
    func keepsOrder(seed: UInt64) async throws {
        try await EchoServer.run { echo in
            let plan = FaultPlan(seed: seed, share: 0.7)
            try await FaultyProxy.run(to: echo.port, plan: plan) { proxy in
                try await withThrowingTaskGroup(of: Void.self) { clients in
                    for client in 0..<8 {
                        clients.addTask {
                            for number in 0..<20 {
                                let body = "\(client) \(number)"
                                do {
                                    let answer = try await RawHTTP(port: proxy.port).post("/", json: body)
                                    #expect(answer.text == body, "seed \(seed)")
                                } catch is RawAnswer.Failure {}
                            }
                        }
                    }
                    try await clients.waitForAll()
                }

                #expect(proxy.met.count == 160)
                #expect(Set(proxy.met).count > 6, "seed \(seed)")
            }
            for client in 0..<8 {
                let numbers = echo.received.filter { $0.hasPrefix("\(client) ") }.compactMap { Int($0.dropFirst(2)) }
                #expect(numbers == numbers.sorted(), "seed \(seed)")
            }
        }
    }

    @Test("with the server gone the connection just ends, and a server that is back is found")
    func survivesItsServer() async throws {
        let server = try FreePort.choose()
        let plan = FaultPlan([.none, .repeatRequest(after: nil, answerWithCopy: true)])
        try await FaultyProxy.run(to: server, plan: plan) { proxy in
            for _ in 1...2 {
                await #expect(throws: RawAnswer.Failure.cut(received: 0)) {
                    try await RawHTTP(port: proxy.port).post("/", json: "1")
                }
            }

            try await EchoServer.run(port: server) { _ in
                let answer = try await RawHTTP(port: proxy.port).post("/", json: "back")
                #expect(answer.text == "back")
            }
        }
    }

    @Test("URLSession, which keeps connections open, passes too")
    func carriesURLSession() async throws {
        try await EchoServer.run { echo in
            try await FaultyProxy.run(to: echo.port, plan: FaultPlan([])) { proxy in
                let url = try #require(URL(string: "http://127.0.0.1:\(proxy.port)/"))
                for text in ["one", "two", "three"] {
                    var request = URLRequest(url: url)
                    request.httpMethod = "POST"
                    request.httpBody = Data(text.utf8)

                    let (data, _) = try await URLSession.shared.data(for: request)

                    #expect(String(decoding: data, as: UTF8.self) == text)
                }
            }
        }
    }
}
