// The button that opens VolView, on the pages of a study and of a series in Orthanc Explorer.

(function() {
  'use strict';

  function addButton(page, level) {
    $('#' + page).live('pagebeforecreate', function() {
      var button = $('<a>', {
        'id': page + '-volview',
        'href': '#',
        'target': '_blank',
        'data-role': 'button',
        'data-icon': 'search',
        'data-theme': 'e',
        'text': 'Open Kitware\'s VolView'
      });
      button.insertAfter($('#' + page + '-info'));
      button.click(function() {
        $(this).attr('href', '../volview/index.html?names=[archive.zip]&urls=[../' + level + '/' +
                     encodeURIComponent($.mobile.pageData.uuid) + '/archive]');
      });
    });
  }

  addButton('study', 'studies');
  addButton('series', 'series');
})();
