// A button on the pages of Orthanc Explorer: it asks for a peer, and sends what the page shows to it.
$.each(['patient', 'study', 'series'], function (_, level) {
  var page = '#' + level;

  function send(peer) {
    $.ajax({
      url: '../transfers/send',
      type: 'POST',
      contentType: 'application/json',
      dataType: 'json',
      data: JSON.stringify({
        Resources: [{ Level: level.charAt(0).toUpperCase() + level.slice(1), ID: $.mobile.pageData.uuid }],
        Compression: 'gzip',
        Peer: peer
      }),
      success: function (answer) {
        if (answer.ID) {
          $.mobile.changePage('#job?uuid=' + answer.ID);
        }
      },
      error: function () {
        alert('The transfer could not be started. See the log of Orthanc.');
      }
    });
  }

  function choose(peers) {
    var items = $('<ul>').attr({ 'data-role': 'listview', 'data-inset': 'true' });
    var chosen = null;
    items.append($('<li>').attr('data-role', 'list-divider').text('Choose Orthanc peer'));
    $.each(peers, function (name, state) {
      var item = $('<li>');
      if (state === 'disabled') {
        item.addClass('ui-disabled').text(name);
      } else {
        item.append($('<a>').attr({ href: '#', rel: 'close' }).text(name).click(function () {
          chosen = name;
        }));
      }
      items.append(item);
    });
    $('#dialog').remove();
    $(document).simpledialog2({
      mode: 'blank',
      animate: false,
      headerText: 'Transfers accelerator',
      headerClose: true,
      forceInput: false,
      width: '100%',
      blankContent: items,
      callbackClose: function () {
        window.setTimeout(function () {
          if (chosen !== null) {
            send(chosen);
          }
        }, 100);
      }
    });
  }

  $(page).live('pagebeforecreate', function () {
    var button = $('<a>')
      .attr({ 'data-role': 'button', href: '#', 'data-icon': 'search', 'data-theme': 'e' })
      .text('Transfers accelerator');
    button.insertBefore($(page + '-delete').parent().parent());
    button.click(function () {
      $.ajax({
        url: '../transfers/peers',
        dataType: 'json',
        cache: false,
        success: choose,
        error: function () {
          alert('The peers cannot be listed. See the log of Orthanc.');
        }
      });
    });
  });
});
