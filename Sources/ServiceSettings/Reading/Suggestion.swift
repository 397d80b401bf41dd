/// The candidate that a mistyped word most likely meant, or nil if none is near.
///
/// Near is at most two edits, or a third of the word for long words: a suggestion that is wrong is worse than none.
package func suggestion(for word: String, among candidates: some Sequence<String>) -> String? {
    // A word far longer than any key is no typing error, and the distance costs its length each time.
    guard word.utf8.count <= 64 else { return nil }
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
        let distance = editDistance(Array(word.lowercased().utf8), Array(candidate.lowercased().utf8))
        if distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    guard let best, best.distance <= max(2, best.candidate.utf8.count / 5) else { return nil }
    return best.distance < best.candidate.utf8.count / 2 ? best.candidate : nil
}

/// The number of insertions, deletions and substitutions between two words (Levenshtein), by the two-row method.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var previous = Array(0...right.count)
    for (row, byte) in left.enumerated() {
        var current = [row + 1]
        for (column, other) in right.enumerated() {
            let substituted = previous[column] + (byte == other ? 0 : 1)
            current.append(min(substituted, previous[column + 1] + 1, current[column] + 1))
        }
        previous = current
    }
    return previous[right.count]
}
