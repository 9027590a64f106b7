/* The task: instructions, nine colored words, two questions. */
/* global $, _, PsiTurk, uniqueId, adServerLoc, mode */
var psiTurk = new PsiTurk(uniqueId, adServerLoc, mode)

var INSTRUCTIONS = [
  'instructions/instruct-1.html',
  'instructions/instruct-2.html',
  'instructions/instruct-3.html',
  'instructions/instruct-ready.html',
]

var WORDS = [
  ['SHIP', 'red', 'unrelated'],
  ['MONKEY', 'green', 'unrelated'],
  ['BOOK', 'blue', 'unrelated'],
  ['RED', 'red', 'congruent'],
  ['GREEN', 'green', 'congruent'],
  ['BLUE', 'blue', 'congruent'],
  ['GREEN', 'red', 'incongruent'],
  ['BLUE', 'green', 'incongruent'],
  ['RED', 'blue', 'incongruent'],
]

/** The pause between an answer and the next word, in milliseconds. */
var PAUSE_MS = 300

var KEYS = { r: 'red', g: 'green', b: 'blue' }

function runTrials(words, done) {
  var word, shownAt
  var isListening = false

  function next() {
    word = words.shift()
    if (!word) {
      $(document).off('keydown', answer)
      return done()
    }
    $('#word').text(word[0]).attr('class', word[1])
    shownAt = new Date().getTime()
    isListening = true
  }

  function answer(event) {
    var response = KEYS[String(event.key || String.fromCharCode(event.which)).toLowerCase()]
    if (!isListening || !response) return
    isListening = false
    psiTurk.recordTrialData({
      phase: 'TEST',
      word: word[0],
      color: word[1],
      relation: word[2],
      response: response,
      hit: response === word[1],
      rt: new Date().getTime() - shownAt,
    })
    $('#word').text('')
    setTimeout(next, PAUSE_MS)
  }

  psiTurk.showPage('stage.html')
  $(document).on('keydown', answer)
  next()
}

function askQuestions() {
  psiTurk.showPage('postquestionnaire.html')
  psiTurk.recordTrialData({ phase: 'postquestionnaire', status: 'begin' })
  $('#next').on('click', function () {
    psiTurk.recordTrialData({ phase: 'postquestionnaire', status: 'submit' })
    $('select, textarea').each(function () {
      psiTurk.recordUnstructuredData(this.id, this.value)
    })
    finish()
  })
}

function finish() {
  $('body').html('<main><p>Saving your answers …</p></main>')
  psiTurk.saveData({
    success: function () {
      psiTurk.computeBonus('compute_bonus', psiTurk.completeHIT)
    },
    error: function () {
      $('body').html(
        '<main><h1>Your answers are not saved yet</h1>' +
          '<p>The connection was lost. They are still on your computer.</p>' +
          '<button type="button" id="resubmit">Try again</button></main>',
      )
      $('#resubmit').on('click', finish)
    },
  })
}

$(window).on('load', function () {
  psiTurk
    .preloadPages(INSTRUCTIONS.concat(['stage.html', 'postquestionnaire.html']))
    .then(function () {
      psiTurk.doInstructions(INSTRUCTIONS, function () {
        runTrials(_.shuffle(WORDS), askQuestions)
      })
    })
})
