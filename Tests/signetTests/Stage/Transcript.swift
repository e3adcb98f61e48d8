import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// What a process has written to one of its streams so far; whoever waits for a line is woken when more comes, and at the end.
final class Transcript: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var hasEnded = false
        var waiting: [EventLoopPromise<Void>] = []

        /// `nil` when nothing more will come.
        mutating func promiseOfMore() -> EventLoopFuture<Void>? {
            guard !hasEnded else { return nil }
            let promise = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)
            waiting.append(promise)
            return promise.futureResult
        }
    }

    private let state = Mutex(State())

    /// Everything so far.
    var text: String { String(decoding: state.withLock(\.bytes), as: UTF8.self) }

    /// Reads the descriptor to its end and closes it, on a thread of its own: the read blocks.
    func read(_ descriptor: Int32) {
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = Foundation.read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                self.change { $0.bytes += buffer.prefix(count) }
            }
            close(descriptor)
            self.end()
        }
    }

    /// Nothing will come any more.
    func end() {
        change { $0.hasEnded = true }
    }

    /// The first complete line that matches, as soon as it is there; `nil` when the stream has ended without one.
    func line(where matches: (String) -> Bool) async throws -> String? {
        while true {
            let (lines, more) = state.withLock { state in (Self.lines(of: state), state.promiseOfMore()) }
            if let line = lines.first(where: matches) { return line }
            guard let more else { return nil }
            try await more.get()
        }
    }

    /// Everything, once the stream has ended.
    func whole() async throws -> String {
        while let more = state.withLock({ $0.promiseOfMore() }) { try await more.get() }
        return text
    }

    private static func lines(of state: State) -> [String] {
        var lines = state.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // What follows the last line feed may be the beginning of a line.
        if !state.hasEnded { lines.removeLast() }
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }

    private func change(_ body: (inout sending State) -> Void) {
        let waiting = state.withLock { state in
            body(&state)
            defer { state.waiting = [] }
            return state.waiting
        }
        for promise in waiting { promise.succeed() }
    }
}
